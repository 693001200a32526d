/** What GraphiQL remembers in this browser: tabs and history, but nothing in which a password or a secret stands. */

const SECRET = /password|bearer|secret/i;

export const storage = {
  get length() {
    return localStorage.length;
  },
  getItem: (key: string) => localStorage.getItem(key),
  removeItem: (key: string) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  setItem: (key: string, value: string) => {
    if (SECRET.test(value)) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  },
};
