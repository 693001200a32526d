/** Every address of the page, and the page that stands there; each is a chunk of its own. */
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Loading } from "@/ui/states";

const OverviewPage = lazy(() => import("@/pages/OverviewPage"));
const TasksPage = lazy(() => import("@/pages/TasksPage"));
const TaskPage = lazy(() => import("@/pages/TaskPage"));
const SubmitPage = lazy(() => import("@/pages/SubmitPage"));
const QueuesPage = lazy(() => import("@/pages/QueuesPage"));
const WorkersPage = lazy(() => import("@/pages/WorkersPage"));
const SettingsPage = lazy(() => import("@/pages/SettingsPage"));
const NotFoundPage = lazy(() => import("@/pages/NotFoundPage"));

export function Routes() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/tasks" component={TasksPage} />
        <Route path="/tasks/:id">{({ id }) => <TaskPage key={id} id={id} />}</Route>
        <Route path="/submit" component={SubmitPage} />
        <Route path="/queues" component={QueuesPage} />
        <Route path="/workers" component={WorkersPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route path="/signin">
          <Redirect to="/" replace />
        </Route>
        <Route path="/register">
          <Redirect to="/" replace />
        </Route>
        <Route component={NotFoundPage} />
      </Switch>
    </Suspense>
  );
}
