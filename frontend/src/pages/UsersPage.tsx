/** Who may sign in, and as what: for administrators. */
import { SearchX, UserPlus } from "lucide-react";
import { useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { NewUser } from "@/features/users/NewUser";
import { UserRow, UserRow_user } from "@/features/users/UserRow";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, type FragmentOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { Address } from "@/lib/address";
import { useTitle } from "@/lib/title";
import { Button } from "@/ui/Button";
import { PageHead } from "@/ui/Card";
import { Misread } from "@/ui/Misread";
import { SearchForm } from "@/ui/SearchForm";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import "@/features/users/users.css";
import "@/ui/list.css";
import "@/ui/table.css";

const UsersQuery = graphql(
  `
    query UsersPage($search: String, $first: Int!) {
      users(search: $search, first: $first) {
        nodes {
          id
          ...UserRow_user
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  `,
  [UserRow_user],
);

const UsersChanged = graphql(
  `
    subscription UsersPageChanged {
      usersChanged {
        id
        ...UserRow_user
      }
    }
  `,
  [UserRow_user],
);

const STEP = 50;
const MOST = 200;

export default function UsersPage() {
  useTitle("Users");
  const [params, setParams] = useSearchParams();
  const [first, setFirst] = useState(STEP);
  const address = new Address(params);
  const search = address.text("q");
  const marked = address.shaped("id", (text) => /^user_[0-9a-z]{26}$/.test(text), "an account’s id, user_…");
  const misread = address.end("new");
  const [{ data, error }, reread] = useQuery({ query: UsersQuery, variables: { search, first } });
  const again = () => reread({ requestPolicy: "network-only" });
  const users = data?.users.nodes;
  useReread(again);
  useChanges({ query: UsersChanged, variables: {} }, ({ usersChanged }) => {
    const newest = usersChanged[0]?.id ?? "";
    // Ids sort by time: one that is newer than all that are shown was made since.
    if (users !== undefined && newest > (users[0]?.id ?? "") && search === "") again();
  });
  return (
    <>
      <PageHead title="Users" words="Who may sign in, and as what. API tokens are each account’s own.">
        <Button look="primary" icon={UserPlus} onClick={() => setParams({ new: "yes" })}>
          New account
        </Button>
      </PageHead>
      <div className="filters-line">
        <SearchForm
          key={search}
          label="Search names"
          placeholder="Search names"
          text={search}
          onAsk={(q) => setParams(q === "" ? {} : { q }, { replace: true })}
        />
      </div>
      <Misread
        parts={misread}
        onDrop={() => setParams(search === "" ? {} : { q: search }, { replace: true })}
      />
      {users && marked !== "" && users.every(({ id }) => id !== marked) && (
        <p className="faint">
          The account of this address is not among these. Search for its name, if it is still there.
        </p>
      )}
      {users ? (
        <List users={users} marked={marked} />
      ) : error ? (
        <Broken words={wordsOf(error)} onRetry={again} />
      ) : (
        <SkeletonRows rows={6} />
      )}
      {data?.users.pageInfo.hasNextPage === true && first < MOST && (
        <div className="list-more">
          <Button onClick={() => setFirst(Math.min(MOST, first + STEP))}>Load more</Button>
        </div>
      )}
      {params.has("new") && <NewUser onClose={() => setParams({}, { replace: true })} />}
    </>
  );
}

interface ListProps {
  users: readonly ({ id: string } & FragmentOf<typeof UserRow_user>)[];
  /** The account that a link led to. */
  marked: string;
}

function List({ users, marked }: ListProps) {
  if (users.length === 0)
    return (
      <Empty icon={SearchX} title="No such account">
        No name has that in it.
      </Empty>
    );
  return (
    <div className="card">
      <table className="table table-cards">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Name</th>
            <th scope="col">Roles</th>
            <th scope="col" className="number">
              Last seen
            </th>
            <th scope="col" className="number">
              Sessions
            </th>
            <th scope="col" className="number">
              Tokens
            </th>
            <th scope="col" className="number">
              Made
            </th>
            <th scope="col">
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} isMarked={user.id === marked} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
