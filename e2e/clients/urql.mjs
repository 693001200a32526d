// urql, with its own exchanges: persisted documents over HTTP, subscriptions by graphql-ws.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'
import { createClient } from 'graphql-ws'
import { toAsyncIterable } from 'wonka'
import WebSocket from 'ws'
import { run, tell, walk } from './story.mjs'

const sent = []

function connect({ url, socket, headers = {}, connectionParams }) {
  const wire = createClient({ url: socket, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 })
  const inner = new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetch: (address, options) => {
      sent.push(options.method === 'GET' ? 'GET' : Object.keys(JSON.parse(options.body)).sort().join(' '))
      return fetch(address, options)
    },
    fetchOptions: { headers },
    requestPolicy: 'network-only',
    exchanges: [
      persistedExchange({ preferGetForPersistedQueries: false, enableForMutation: true }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: wire.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  })
  return {
    wire,
    inner,
    ask: async (query, variables = {}) => {
      const isMutation = query.startsWith('mutation')
      const answer = await (isMutation ? inner.mutation(query, variables) : inner.query(query, variables)).toPromise()
      if (answer.error) throw { network: answer.error.networkError?.message, status: answer.error.response?.status, errors: answer.error.graphQLErrors }
      return answer
    },
    follow: (query, variables) => toAsyncIterable(inner.subscription(query, variables))[Symbol.asyncIterator](),
  }
}

await run(async ({ url, socket, token, cookie }) => {
  const authorization = `Bearer ${token}`
  const client = connect({ url, socket, headers: { authorization }, connectionParams: { authorization } })
  await walk(client, async (stream) => {
    client.wire.terminate()
    tell('cut', (await stream.next()).value.error.networkError?.code)
  })
  sent.length = 0
  for (const _ of [1, 2]) await client.ask('query Who { viewer { username } }')
  tell('sent', [...sent])
  const query = '{ viewer { username } }'
  tell('by cookie', (await connect({ url, socket, headers: { cookie } }).ask(query)).data.viewer.username)
  tell('nobody', (await connect({ url, socket }).ask(query)).data.viewer)
  const bad = connect({ url, socket, headers: { authorization: 'Bearer rota_nothing' } })
  tell('bad token', await bad.ask(query).catch((error) => error))
})
