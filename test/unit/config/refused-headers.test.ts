import { describe, expect, test } from "vitest";
import { compiled } from "./compiled-of.ts";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "a literal key in a header",
    toml: `
[providers.openai.headers]
Authorization = "Bearer sk-live-123"
`,
    problems: [
      "3:1 error providers.openai.headers.Authorization: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a literal key in a header of one's own",
    toml: `
[providers.openai.headers]
x-acme-token = "abc"
`,
    problems: [
      "3:1 error providers.openai.headers.x-acme-token: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a value that looks like a key under a harmless name",
    toml: `
[providers.openai.headers]
x-team = "sk-live-1234567890abcdef"
`,
    problems: [
      "3:1 error providers.openai.headers.x-team: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a gateway key under a harmless name",
    toml: `
[providers.openai.headers]
x-team = "to11_abcdefghijklmnopqrstuvwxyz0123"
`,
    problems: [
      "3:1 error providers.openai.headers.x-team: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a literal key in the query",
    toml: `
[providers.openai.query]
key = "abc"
`,
    problems: [
      "3:1 error providers.openai.query.key: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a literal key in the query, joined otherwise",
    toml: `
[providers.openai.query]
api_key = "abc"
`,
    problems: [
      "3:1 error providers.openai.query.api_key: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a literal key in the query, in camel case",
    toml: `
[providers.openai.query]
accessToken = "abc"
`,
    problems: [
      "3:1 error providers.openai.query.accessToken: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a secret inside other text",
    toml: `
[providers.openai.headers]
authorization = "Bearer env::K"
`,
    problems: [
      "3:1 error providers.openai.headers.authorization: must be env::NAME and nothing else; let the variable hold the whole value, a prefix such as Bearer included",
    ],
  },
  {
    name: "a secret of the gateway in a header",
    toml: `
[providers.openai.headers]
x-key = "env::TO11_ADMIN_KEY"
`,
    problems: [
      "3:1 error providers.openai.headers.x-key: names a secret of the gateway itself (TO11_…), which is sent to nobody; use another variable",
    ],
  },
  {
    name: "a line break in a header value",
    toml: `
[providers.openai.headers]
x-team = "blue\\r\\nx-evil: 1"
`,
    problems: [
      "3:1 error providers.openai.headers.x-team: holds a line break, a control character or one that a header cannot carry; write plain text on one line",
    ],
  },
  {
    name: "a control character in a header value",
    toml: `
[providers.openai.headers]
x-team = "blue\\u0000"
`,
    problems: [
      "3:1 error providers.openai.headers.x-team: holds a line break, a control character or one that a header cannot carry; write plain text on one line",
    ],
  },
  {
    name: "a character that no header carries",
    toml: `
[providers.openai.headers]
x-team = "蓝"
`,
    problems: [
      "3:1 error providers.openai.headers.x-team: holds a line break, a control character or one that a header cannot carry; write plain text on one line",
    ],
  },
  {
    name: "a header name with a space",
    toml: `
[providers.openai.headers]
"x team" = "blue"
`,
    problems: ['3:1 error providers.openai.headers."x team": is not a header name: letters, digits and - only'],
  },
  {
    name: "a header name with a line break",
    toml: `
[providers.openai.headers]
"x\\nteam" = "blue"
`,
    problems: ['3:1 error providers.openai.headers."x\\nteam": is not a header name: letters, digits and - only'],
  },
  {
    name: "a header twice",
    toml: `
[providers.openai.headers]
X-Team = "blue"
x-team = "red"
`,
    problems: ["4:1 error providers.openai.headers.x-team: is set twice: header names do not tell upper from lower case"],
  },
  {
    name: "a header of the connection",
    toml: `
[providers.openai.headers]
Host = "evil.example"
`,
    problems: ["3:1 error providers.openai.headers.Host: cannot be set: this header is the gateway's own business"],
  },
  {
    name: "a header of the gateway",
    toml: `
[providers.openai.headers]
x-to11-user-id = "1"
`,
    problems: ["3:1 error providers.openai.headers.x-to11-user-id: cannot be set: this header is the gateway's own business"],
  },
  {
    name: "a control character in a query value",
    toml: `
[providers.openai.query]
region = "eu\\n"
`,
    problems: ["3:1 error providers.openai.query.region: holds a line break or a control character; write plain text on one line"],
  },
];

describe("A caller's header that is to go on to a provider", () => {
  const ABOUT = "cannot go on: this header is about the connection to the gateway, or the gateway's own";
  const KEYS = "cannot go on: it carries keys, and the gateway sends the one that belongs there";

  test.each([
    ["Host", ABOUT],
    ["connection", ABOUT],
    ["Cookie", ABOUT],
    ["x-forwarded-for", ABOUT],
    ["cf-connecting-ip", ABOUT],
    ["x-to11-user-id", ABOUT],
    ["proxy-authorization", ABOUT],
    ["Authorization", KEYS],
    ["x-api-key", KEYS],
    ["api-key", KEYS],
    ["x-goog-api-key", KEYS],
    ["x-own-key", KEYS],
    ["no name", "is not a header name: letters, digits and - only"],
  ])("may not be %s", (name, problem) => {
    const toml = `[providers.openai]\nauth_type = "api_key_header"\nauth_header_name = "X-Own-Key"\nforward_headers = ["x-good", "${name}"]\n`;
    expect(told(toml)).toEqual([`4:30 error providers.openai.forward_headers[1]: ${problem}`]);
  });

  test("goes by its name in lower case, once", () => {
    const [openai] = compiled('[providers.openai]\nforward_headers = ["X-Team", "x-region", "x-team"]\n').providers;
    expect(openai?.forwardHeaders).toEqual(["x-team", "x-region"]);
  });
});

describe("Refused headers and query parameters", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});

const OWN = "cannot be set: this header is the gateway's own business";

describe("A header that belongs to the connection, to Cloudflare or to the gateway", () => {
  const NAMES = (
    "connection Host content-length transfer-encoding TE upgrade trailer keep-alive proxy-authorization Cookie set-cookie via forwarded " +
    "X-Forwarded-For x-real-ip CF-Connecting-IP cf-ray cf-worker cdn-loop x-to11-authorization X-To11-Anything x-gateway-variant"
  ).split(" ");

  test.each(NAMES)("%s is set by no file", (name) => {
    expect(told(`[providers.openai]\nheaders = { ${name} = "env::K" }\n`)).toEqual([`2:13 error providers.openai.headers.${name}: ${OWN}`]);
    const traces = `[traces]\notlp_endpoint = "https://o.example"\notlp_headers = { ${name} = "blue" }\n`;
    expect(told(traces)).toEqual([`3:18 error traces.otlp_headers.${name}: ${OWN}`]);
  });

  test.each(NAMES)("%s carries no key", (name) => {
    for (const type of ["bearer", "api_key_header"]) {
      const toml = `[providers.openai]\nauth_type = "${type}"\nauth_header_name = "${name}"\n`;
      expect(told(toml)).toEqual([`3:1 error providers.openai.auth_header_name: ${OWN}`]);
    }
    expect(told(`[providers.openai]\nauth_header_name = "${name}"\n`)).toEqual([`2:1 error providers.openai.auth_header_name: ${OWN}`]);
    // A parameter of that name is no header.
    expect(told(`[auth]\nopen = true\n[providers.openai]\nauth_type = "query_param"\nauth_header_name = "${name}"\n`)).toEqual([]);
  });

  test.each(["content-type", "Content-Encoding", "accept"])("%s carries no key either: it says what a body is", (name) => {
    expect(told(`[providers.openai]\nauth_header_name = "${name}"\n`)).toEqual([
      "2:1 error providers.openai.auth_header_name: cannot carry a key: this header says what a body is",
    ]);
  });

  test("is none that callers of Access or AI Gateway send", () => {
    const headers = `{ CF-Access-Client-Id = "env::ID", CF-Access-Client-Secret = "env::S", cf-aig-authorization = "env::A", x-team = "blue" }`;
    expect(told(`[auth]\nopen = true\n[providers.openai]\nheaders = ${headers}\n`)).toEqual([]);
  });
});
