// Runs graphql-http's audit against a server and prints each result as one line of JSON.
import { serverAudits } from 'graphql-http'

const url = process.argv[2]

for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const { id, name, status, reason } = await audit.fn()
  console.log(JSON.stringify({ id, name, status, reason: reason ?? null }))
}
