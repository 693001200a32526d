// The npm package graphql-ws.
import { createHash } from 'node:crypto'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { run, tell, walk } from './story.mjs'

const QUERY = '{ viewer { username } }'

function connect({ socket, connectionParams, cookie, ...options }) {
  class WithCookie extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { headers: { cookie } })
    }
  }
  const inner = createClient({
    url: socket,
    webSocketImpl: cookie ? WithCookie : WebSocket,
    connectionParams,
    retryAttempts: 0,
    ...options,
  })
  return {
    inner,
    ask: async (query, variables, extensions) => {
      for await (const answer of inner.iterate({ query, variables, extensions })) return answer
    },
    follow: (query, variables) => inner.iterate({ query, variables }),
  }
}

await run(async ({ socket, token, cookie }) => {
  const client = connect({ socket, connectionParams: { authorization: `Bearer ${token}` } })
  await walk(client, async (stream) => {
    client.inner.terminate()
    const ended = await stream.next().catch((error) => ({ code: error.code }))
    tell('cut', ended.code)
  })
  tell('by cookie', (await connect({ socket, cookie }).ask(QUERY)).data.viewer.username)
  tell('nobody', (await connect({ socket }).ask(QUERY)).data.viewer)
  const bad = connect({ socket, connectionParams: { authorization: 'Bearer rota_nothing' } })
  tell('bad token', await bad.ask(QUERY).catch(({ code, reason }) => ({ code, reason })))

  // It comes back by itself, with the session that it had.
  const stubborn = connect({ socket, connectionParams: { authorization: `Bearer ${token}` }, retryAttempts: 5, retryWait: async () => {} })
  const queues = stubborn.follow('subscription { queuesChanged { name } }')
  await queues.next()
  stubborn.inner.terminate()
  tell('came back', (await queues.next()).value.data.queuesChanged)
  await queues.return()

  const query = '{ viewer { username } } # over a WebSocket'
  const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') }
  tell('not persisted', await client.ask('', undefined, { persistedQuery }).catch((error) => error))
  await client.ask(query, undefined, { persistedQuery })
  tell('persisted', (await client.ask('', undefined, { persistedQuery })).data.viewer.username)
})
