// The npm package graphql-sse, with a connection for each operation.
import { createClient } from 'graphql-sse'
import { run, tell, walk } from './story.mjs'

function connect(url, headers) {
  const inner = createClient({ url: `${url}/graphql/stream`, headers, retryAttempts: 0 })
  return {
    ask: async (query, variables) => {
      for await (const answer of inner.iterate({ query, variables })) return answer
    },
    follow: (query, variables) => inner.iterate({ query, variables }),
  }
}

await run(async ({ url, token, cookie }) => {
  const client = connect(url, { authorization: `Bearer ${token}` })
  await walk(client, (stream) => stream.return())
  const query = '{ viewer { username } }'
  tell('by cookie', (await connect(url, { cookie }).ask(query)).data.viewer.username)
  tell('nobody', (await connect(url, {}).ask(query)).data.viewer)
  const bad = connect(url, { authorization: 'Bearer rota_nothing' })
  tell('bad token', await bad.ask(query).catch(({ response }) => response.status))
})
