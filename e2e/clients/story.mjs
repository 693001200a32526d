// What every client is asked to do. A client is { ask, follow }: `ask` gives the whole answer of an operation,
// `follow` the answers of a subscription, until its iterator is returned.

const VIEWER = '{ viewer { username } }'
const SUBMIT =
  'mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id status } errors { code message path } } }'
const CHANGES = 'subscription ($after: String) { tasksChanged(after: $after) { cursor isReset tasks { id } } }'
const CHANGED = 'subscription ($id: ID!) { taskChanged(id: $id) { id status } }'

const said = {}

/** Notes what was found under a name, for the test to look at. */
export function tell(name, value) {
  said[name] = value
}

/** Runs it, and prints what was told as one line of JSON. */
export async function run(story) {
  await story({
    url: process.argv[2],
    socket: `${process.argv[2].replace('http', 'ws')}/graphql`,
    token: process.env.TOKEN,
    cookie: process.env.COOKIE,
  })
  console.log(JSON.stringify(said))
  process.exit(0)
}

export async function submit(client, args = { a: 6, b: 7 }) {
  const { data } = await client.ask(SUBMIT, { i: { function: 'multiply', args } })
  return data.submitTask
}

/** Query, mutation, what goes wrong, and a subscription that is cut and goes on. `cut` breaks the connection. */
export async function walk(client, cut) {
  tell('viewer', (await client.ask(VIEWER)).data.viewer.username)
  const made = await submit(client)
  tell('submitted', made)
  tell('wrong', (await submit(client, { a: 'six' })).errors)
  tell('invalid', await client.ask('{ nothing }').catch((error) => ({ thrown: error })))
  tell('refused', await client.ask('{ tasks(first: 201) { totalCount } }').catch((error) => ({ thrown: error })))

  const one = client.follow(CHANGED, { id: made.task.id })
  tell('followed', (await one.next()).value.data.taskChanged)
  await one.return()

  // The first is waited for before anything changes: then what comes is known.
  const before = client.follow(CHANGES, {})
  const first = before.next()
  const heard = await until(first, client)
  const { cursor } = heard.value.data.tasksChanged
  await cut(before)
  const missed = [(await submit(client)).task.id, (await submit(client)).task.id]
  const after = client.follow(CHANGES, { after: cursor })
  const told = []
  let isReset = false
  while (missed.some((id) => !told.includes(id))) {
    const { value } = await after.next()
    told.push(...value.data.tasksChanged.tasks.map(({ id }) => id))
    isReset ||= value.data.tasksChanged.isReset
  }
  tell('resumed', { missed, told, isReset })
  await after.return()
}

/** A subscription hears of what happens after it has begun, and nothing says when that is: something happens until it does. */
async function until(first, client) {
  let heard
  first.then((value) => (heard = value))
  while (heard === undefined) {
    await submit(client)
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 200))])
  }
  return heard
}
