/** What administrators do to an account. */
import { graphql } from "@/graphql/graphql";

export const UserState = graphql(`
  fragment UserState on User {
    id
    roles
    disabledAt
    sessionCount
    tokenCount
  }
`);

export const RolesMutation = graphql(
  `
    mutation SetUserRoles($id: ID!, $roles: [Role!]!) {
      setUserRoles(id: $id, roles: $roles) {
        user {
          ...UserState
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [UserState],
);

export const DisableMutation = graphql(
  `
    mutation DisableUser($id: ID!) {
      disableUser(id: $id) {
        user {
          ...UserState
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [UserState],
);

export const EnableMutation = graphql(
  `
    mutation EnableUser($id: ID!) {
      enableUser(id: $id) {
        user {
          ...UserState
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [UserState],
);

export const PasswordMutation = graphql(
  `
    mutation SetUserPassword($id: ID!) {
      setUserPassword(id: $id) {
        user {
          ...UserState
        }
        password
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [UserState],
);

export const EndSessionsMutation = graphql(
  `
    mutation EndUserSessions($id: ID!) {
      endUserSessions(id: $id) {
        user {
          ...UserState
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [UserState],
);
