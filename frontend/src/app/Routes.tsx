/** Every address of the page, and the page that stands there; each is a chunk of its own. */
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useViewer } from "@/graphql/viewer";
import { decoded } from "@/lib/address";
import { mayEnter } from "@/lib/rights";
import { Loading } from "@/ui/states";
import { Boundary } from "./Boundary";
import { placeOf } from "./frame/places";

const OverviewPage = lazy(() => import("@/pages/OverviewPage"));
const TasksPage = lazy(() => import("@/pages/TasksPage"));
const TaskPage = lazy(() => import("@/pages/TaskPage"));
const SubmitPage = lazy(() => import("@/pages/SubmitPage"));
const QueuesPage = lazy(() => import("@/pages/QueuesPage"));
const QueuePage = lazy(() => import("@/pages/QueuePage"));
const WorkersPage = lazy(() => import("@/pages/WorkersPage"));
const PoolsPage = lazy(() => import("@/pages/PoolsPage"));
const SchedulesPage = lazy(() => import("@/pages/SchedulesPage"));
const ActivityPage = lazy(() => import("@/pages/ActivityPage"));
const UsersPage = lazy(() => import("@/pages/UsersPage"));
const SettingsPage = lazy(() => import("@/pages/SettingsPage"));
const SystemPage = lazy(() => import("@/pages/SystemPage"));
const NotFoundPage = lazy(() => import("@/pages/NotFoundPage"));
const NotYoursPage = lazy(() => import("@/pages/NotYoursPage"));

export function Routes() {
  const [path] = useLocation();
  const place = placeOf(path);
  const isOpen = mayEnter(place?.need, useViewer());
  return (
    <Boundary at={path}>
      <Suspense fallback={<Loading />}>
        {isOpen ? <Pages /> : <NotYoursPage place={place?.name ?? ""} need={place?.need} />}
      </Suspense>
    </Boundary>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={OverviewPage} />
      <Route path="/tasks" component={TasksPage} />
      <Route path="/tasks/:id">{({ id }) => <TaskPage key={id} id={id} />}</Route>
      <Route path="/submit" component={SubmitPage} />
      <Route path="/queues" component={QueuesPage} />
      <Route path="/queues/:name">{({ name }) => <QueuePage key={name} name={decoded(name)} />}</Route>
      <Route path="/workers" component={WorkersPage} />
      <Route path="/pools" component={PoolsPage} />
      <Route path="/schedules" component={SchedulesPage} />
      <Route path="/activity" component={ActivityPage} />
      <Route path="/users" component={UsersPage} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/system" component={SystemPage} />
      <Route path="/signin">
        <Redirect to="/" replace />
      </Route>
      <Route path="/register">
        <Redirect to="/" replace />
      </Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
