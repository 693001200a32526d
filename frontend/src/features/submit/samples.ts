/** The same submit as a command or a program, to copy. */
import { formatExact, type Json } from "@/lib/exactjson";

export interface Wish {
  function: string;
  args: Record<string, Json>;
  /** Everything else that is set: priority, queue, runAt... */
  options: Record<string, Json>;
}

export const LANGUAGES = ["CLI", "curl", "GraphQL", "Python", "JavaScript"] as const;
export type Language = (typeof LANGUAGES)[number];

const MUTATION =
  "mutation($input: SubmitTaskInput!) { submitTask(input: $input) { task { id status } errors { message path } } }";

export interface Sample {
  /** What it is, where there are several to copy. */
  name: string;
  text: string;
}

export function samples(language: Language, wish: Wish, origin: string): Sample[] {
  if (language === "GraphQL")
    return [
      { name: "Operation", text: OPERATION },
      { name: "Variables", text: formatExact({ input: inputOf(wish) }, 2) },
    ];
  return [
    { name: "", text: { CLI: cli, curl, Python: python, JavaScript: javascript }[language](wish, origin) },
  ];
}

const OPERATION = `mutation Submit($input: SubmitTaskInput!) {
  submitTask(input: $input) {
    task {
      id
      status
    }
    errors {
      code
      message
      path
    }
  }
}`;

/** `rota submit` has a flag for each. */
const FLAGS: Record<string, string> = {
  title: "--title",
  priority: "--priority",
  queue: "--queue",
  runAt: "--run-at",
  deadline: "--deadline",
  maxAttempts: "--max-attempts",
  timeoutSeconds: "--timeout",
  limitKey: "--limit-key",
  idempotencyKey: "--key",
  onDeadline: "--on-deadline",
};

function cli({ function: name, args, options }: Wish): string {
  const given = Object.entries(args).map(([key, value]) => `--arg ${shell(`${key}=${argument(value)}`)}`);
  const flags = Object.entries(options).flatMap(([key, value]) => {
    if (key === "tags" && Array.isArray(value)) return value.map((tag) => `--tag ${shell(bare(tag))}`);
    if (key === "dependsOn" && Array.isArray(value))
      return value.map((id) => `--depends-on ${shell(bare(id))}`);
    const flag = FLAGS[key];
    return flag === undefined ? [] : [`${flag} ${shell(bare(value))}`];
  });
  return ["rota submit", shell(name), ...given, ...flags, "--wait"].join(" ");
}

function curl(wish: Wish, origin: string): string {
  return [
    `curl ${origin}/graphql \\`,
    `  -H 'authorization: Bearer '"$ROTA_TOKEN" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${shell(formatExact({ query: MUTATION, variables: { input: inputOf(wish) } }))}`,
  ].join("\n");
}

function python(wish: Wish, origin: string): string {
  return `import json, os, urllib.request

query = "${MUTATION}"
variables = json.loads(${pythonText(formatExact({ input: inputOf(wish) }))})
request = urllib.request.Request(
    "${origin}/graphql",
    data=json.dumps({"query": query, "variables": variables}).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["ROTA_TOKEN"],
        "Content-Type": "application/json",
    },
)
print(json.load(urllib.request.urlopen(request)))`;
}

function javascript(wish: Wish, origin: string): string {
  return `const query = "${MUTATION}";
const variables = '${quoted(formatExact({ input: inputOf(wish) }))}';
const response = await fetch("${origin}/graphql", {
  method: "POST",
  headers: {
    authorization: \`Bearer \${process.env.ROTA_TOKEN}\`,
    "content-type": "application/json",
  },
  // The variables stay text, so that big integers stay exact.
  body: \`{"query":\${JSON.stringify(query)},"variables":\${variables}}\`,
});
console.log(await response.json());`;
}

function inputOf({ function: name, args, options }: Wish): Json {
  return { function: name, args, ...options };
}

/** The command reads a value as JSON where it is JSON; a text that looks like JSON stands in quotes. */
function argument(value: Json): string {
  if (typeof value !== "string" || formatExact(value) !== JSON.stringify(value)) return formatExact(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

function bare(value: Json): string {
  return typeof value === "string" ? value : formatExact(value);
}

/** Safe in a POSIX shell. */
function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function pythonText(text: string): string {
  return `'${quoted(text)}'`;
}

/** Inside of single quotes, in Python and JavaScript alike. */
function quoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}
