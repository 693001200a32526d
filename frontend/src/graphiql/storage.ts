/** What GraphiQL remembers in this browser: tabs and history, but nothing in which a password or a secret stands. */

const SECRET = /password|bearer|secret/i;

/** The page keeps its own things in the same place. */
const ownKeys = () => Object.keys(localStorage).filter((key) => key.startsWith("graphiql:"));

export const storage = {
  get length() {
    return ownKeys().length;
  },
  getItem: (key: string) => localStorage.getItem(key),
  removeItem: (key: string) => localStorage.removeItem(key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
  setItem: (key: string, value: string) => {
    if (SECRET.test(value)) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  },
};
