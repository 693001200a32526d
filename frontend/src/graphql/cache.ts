/** The normalised cache: what has an id is kept once, so that a live update changes it wherever it is shown. */
import { cacheExchange, type Cache, type UpdateResolver } from "@urql/exchange-graphcache";

const nested = () => null;

/** There is one of these: the query and the subscription mean the same thing. */
const single = () => "now";

export function createCache() {
  return cacheExchange({
    keys: {
      ActivityConnection: nested,
      ActivityEdge: nested,
      AddedActivity: nested,
      ApiTokenPayload: nested,
      BulkActionPayload: nested,
      BulkError: nested,
      ChangedSchedules: nested,
      DeleteSchedulePayload: nested,
      DeleteTaskPayload: nested,
      Function: (data) => data["name"] as string,
      LimitPayload: nested,
      LogConnection: nested,
      LogEdge: nested,
      LoggedLines: nested,
      LogLine: nested,
      LogoutPayload: nested,
      Metrics: single,
      MetricsPoint: nested,
      PageInfo: nested,
      Percentiles: nested,
      PoolPayload: nested,
      PoolSize: nested,
      PriorityDepth: nested,
      QueuePayload: nested,
      QueueWaiting: nested,
      RemoveLimitPayload: nested,
      RevokeApiTokenPayload: nested,
      ScalingDecision: nested,
      ScheduleConnection: nested,
      ScheduleEdge: nested,
      SchedulePayload: nested,
      SchedulePreview: nested,
      Server: nested,
      StatusCount: nested,
      System: single,
      SystemPart: nested,
      TaskChanges: nested,
      TaskConnection: nested,
      TaskEdge: nested,
      TaskError: nested,
      TaskPayload: nested,
      TasksPayload: nested,
      UserConnection: nested,
      UserEdge: nested,
      UserError: nested,
      UserPayload: nested,
      ViewerPayload: nested,
      Waiting: nested,
      WorkerPayload: nested,
    },
    updates: {
      Mutation: { createApiToken: forget("apiTokens"), revokeApiToken: forget("apiTokens") },
      Subscription: {
        workersChanged: replace("workers"),
        queuesChanged: replace("queues"),
        poolsChanged: replace("pools"),
        tasksChanged: pass("tasks"),
        activityAdded: pass("entries"),
      },
    },
  });
}

/** The list is read again. */
function forget(field: string): UpdateResolver {
  return (_, __, cache: Cache) => cache.invalidate("Query", field);
}

/**
 * What only passes by is linked where the next of its kind takes its place. The cache lets go of what nothing links to any more;
 * what nothing ever linked to it would keep for as long as the page is open.
 */
function pass(list: string): UpdateResolver {
  return (data, _, cache: Cache, info) => {
    const brought = (data[info.fieldName] as Record<string, unknown> | null)?.[list];
    if (Array.isArray(brought)) cache.link("Query", `passing ${list}`, brought as never);
  };
}

/** The subscription brings the whole list: what is gone from it is gone. */
function replace(field: string): UpdateResolver {
  return (data, _, cache: Cache, info) => {
    const list = data[info.fieldName];
    if (Array.isArray(list)) cache.link("Query", field, list as never);
  };
}
