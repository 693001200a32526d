/** Examples that run as they are; where one needs an id, it says where to get it. */

export interface Example {
  name: string;
  about: string;
  query: string;
  variables?: Record<string, unknown>;
}

/** Their comments are for who reads the document; `about` is for who looks for it. */
export const EXAMPLES: readonly Example[] = [
  {
    name: "Who am I",
    about: "Who asks, and which Rota answers. Without a session or token `viewer` is null.",
    query: `query WhoAmI {
  viewer {
    username
    roles
  }
  server {
    version
  }
}`,
  },
  {
    name: "Submit a task",
    about:
      "Foreseeable failures come in `errors`, with the path of the input at fault; nothing else is thrown. Integers may have any number of digits.",
    query: `mutation Submit($input: SubmitTaskInput!) {
  submitTask(input: $input) {
    task {
      id
      status
    }
    errors {
      code
      message
      path
    }
  }
}`,
    variables: {
      input: {
        function: "multiply",
        args: { a: 6, b: 7 },
        priority: 7,
        tags: ["example"],
      },
    },
  },
  {
    name: "Submit many",
    about: "Up to a thousand in one transaction: all of them, or none.",
    query: `mutation SubmitMany($inputs: [SubmitTaskInput!]!) {
  submitTasks(inputs: $inputs) {
    tasks {
      id
    }
    errors {
      message
      path
    }
  }
}`,
    variables: {
      inputs: [
        { function: "multiply", args: { a: 1, b: 2 }, tags: ["example"] },
        { function: "multiply", args: { a: 3, b: 4 }, tags: ["example"] },
      ],
    },
  },
  {
    name: "List tasks",
    about: "Pages by cursor: give `endCursor` as `after` for the next. Up to 200 at once.",
    query: `query Tasks($filter: TaskFilter, $after: String) {
  tasks(first: 20, after: $after, filter: $filter, orderBy: NEWEST_FIRST) {
    totalCount
    pageInfo {
      endCursor
      hasNextPage
    }
    nodes {
      id
      title
      status
      priority
      createdAt
      # Why it has not started, and when it should.
      waiting {
        message
        estimatedStart
      }
    }
  }
}`,
    variables: { filter: { status: null, tag: null, search: null } },
  },
  {
    name: "Follow one task",
    about:
      "The task now, then after each committed change, to its end. It submits nothing: give it a task's id.",
    query: `subscription Follow($id: ID!) {
  taskChanged(id: $id) {
    status
    progress
    result
    error {
      message
    }
    attempts {
      number
      startedAt
      finishedAt
    }
  }
}`,
    variables: { id: "task_01h455vb4pex5vsknk084sn02q" },
  },
  {
    name: "Follow all tasks",
    about:
      "Changes as they are committed. After a cut subscribe again with the last `cursor` as `after`: nothing is missed or told twice, or `isReset` says to read anew.",
    query: `subscription Changes($after: String) {
  tasksChanged(after: $after) {
    cursor
    isReset
    tasks {
      id
      title
      status
      priority
    }
  }
}`,
    variables: { after: null },
  },
  {
    name: "Watch the numbers",
    about: "Once a second: workers, slots, what starts and ends, how long tasks wait.",
    query: `subscription Numbers {
  metricsTicked {
    at
    activeWorkers
    busySlots
    totalSlots
    submittedPerSecond
    finishedPerSecond
    failedPerSecond
    waitSeconds {
      p50
      p95
    }
  }
}`,
  },
  {
    name: "Queues",
    about: "How much waits where, and why.",
    query: `query Queues {
  queues {
    name
    strategy
    isPaused
    depth
    runningCount
    waiting {
      reason
      count
    }
  }
}`,
  },
  {
    name: "What can be run",
    about: "The functions that workers offer, each with the JSON Schema of its arguments.",
    query: `query Functions {
  functions {
    name
    description
    argsSchema
    queue {
      name
    }
  }
}`,
  },
  {
    name: "Cancel many",
    about: "By a filter or by ids. It answers at once; `bulkActionChanged` tells how far it is.",
    query: `mutation CancelMany($filter: TaskFilter) {
  cancelTasks(filter: $filter) {
    action {
      id
      total
    }
    errors {
      message
      path
    }
  }
}`,
    variables: { filter: { tag: ["example"], ownedByMe: true } },
  },
  {
    name: "Make a token",
    about:
      "For a program. The secret is shown this once; send it as `Authorization: Bearer ...`, here under Headers.",
    query: `mutation MakeToken($input: ApiTokenInput!) {
  createApiToken(input: $input) {
    id
    secret
    errors {
      message
    }
  }
}`,
    variables: { input: { name: "made in GraphiQL", expiresInDays: 7 } },
  },
  {
    name: "Sign in",
    about:
      "Sets the session's cookie, as the page's own form does. Subscriptions that are opened after it have it too.",
    query: `mutation SignIn($input: LoginInput!) {
  login(input: $input) {
    viewer {
      username
    }
    errors {
      message
    }
  }
}`,
    variables: { input: { username: "admin", password: "" } },
  },
  {
    name: "Sign out",
    about: "Ends the session; streams that it opened end within five seconds.",
    query: `mutation SignOut {
  logout {
    ok
  }
}`,
  },
];
