import * as fc from "fast-check";

/** A name as one of its spellings. */
interface Key {
  readonly name: string;
  readonly text: string;
}

type Member =
  | { readonly key: Key; readonly pairs: readonly string[] }
  | { readonly key: Key; readonly header: "before" | "after" | "none"; readonly table: Table }
  | { readonly key: Key; readonly tables: readonly Table[] };

type Table = readonly Member[];

const BLANK = fc.constantFrom("", " ", "\t", "  ");
/** Between elements, where lines may end. */
const GAP = fc.constantFrom("", " ", "\n", "\r\n\t", ' # ], } " """ =\n  ', "# '''\n\n");
const LINE_END = fc.constantFrom("\n", "\r\n", " # [c] \"'=\n", "\n\n  # [[d]]\r\n\t");

const SCALARS = [
  "1",
  "-1_000",
  "0xFF",
  "6.6e-34",
  "-inf",
  "nan",
  "true",
  "false",
  "1979-05-27",
  "07:32:00",
  "1979-05-27 07:32:00.5Z",
  "1979-05-27T00:32:00-07:00",
  '""',
  "''",
  '"a # b = [c] {d}, \\"e\\\\"',
  "'a \\'",
  '"\\u00e9\\U0001F984 🦄"',
  '""""""',
  "''''''",
  '"""\n a = 1\n[b]\r\n# c ""d"" \\""" \\\n   e"""',
  '""""quoted"""""',
  "'''\n[c]\n d = ''e'' \\'''",
  "''''quoted'''''",
];

const NAME_UNITS = ["a", "b", "c", "-", "_", "0", "1", ".", '"', "'", "\\", " ", "#", "=", "[", "]", "{", ",", "\n", "\u0000", "é", "🦄"];

/** What may stand between the quotes of a literal key. */
// eslint-disable-next-line no-control-regex -- which of these TOML takes is the point
const LITERAL = /^[^'\u0000-\u001f]*$/;

function spellings(name: string): readonly string[] {
  const units = Array.from(name);
  const hex = (unit: string, digits: number) => (unit.codePointAt(0) ?? 0).toString(16).padStart(digits, "0");
  return [
    ...(/^[A-Za-z0-9_-]+$/.test(name) ? [name] : []),
    ...(LITERAL.test(name) ? [`'${name}'`] : []),
    JSON.stringify(name),
    `"${units.map((unit) => `\\U${hex(unit, 8)}`).join("")}"`,
  ];
}

const NAME = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("a", "b", "c", "0", "1", "__proto__", "constructor") },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...NAME_UNITS), maxLength: 4 }) },
);
const KEY = NAME.chain((name) => fc.record({ name: fc.constant(name), text: fc.constantFrom(...spellings(name)) }));

function uniqueBy<Value extends { readonly key: Key }>(member: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
  return fc.uniqueArray(member, { selector: ({ key }) => key.name, maxLength: 4 });
}

const VALUE: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: "small" }, fc.constantFrom(...SCALARS), arrayOf(tie("value")), inlineTableOf(tie("value"))),
})).value;

function arrayOf(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const elements = fc.array(fc.tuple(GAP, value, GAP).map(joined), { maxLength: 4 });
  return fc
    .tuple(elements, fc.constantFrom("", ","), GAP)
    .map(([all, comma, gap]) => `[${all.join(",")}${all.length > 0 ? comma : ""}${gap}]`);
}

function inlineTableOf(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return uniqueBy(pairsOf(value)).map((all) => `{ ${all.flatMap(({ pairs }) => pairs).join(", ")} }`);
}

/** `key = value`, or a table as dotted keys. */
function pairsOf(value: fc.Arbitrary<string>): fc.Arbitrary<{ readonly key: Key; readonly pairs: readonly string[] }> {
  const equals = fc.tuple(BLANK, BLANK).map(([before, after]) => `${before}=${after}`);
  const inner = uniqueBy(fc.record({ key: KEY, dot: BLANK, equals, value })).filter(({ length }) => length > 0);
  return fc.oneof(
    fc.record({ key: KEY, equals, value }).map(({ key, equals, value }) => ({ key, pairs: [`${key.text}${equals}${value}`] })),
    fc.record({ key: KEY, inner }).map(({ key, inner }) => ({
      key,
      pairs: inner.map((one) => `${key.text}${one.dot}.${one.dot}${one.key.text}${one.equals}${one.value}`),
    })),
  );
}

const TABLE: fc.Arbitrary<Table> = fc.letrec<{ table: Table }>((tie) => ({
  table: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    uniqueBy(pairsOf(VALUE)),
    uniqueBy(
      fc.oneof(
        pairsOf(VALUE),
        fc.record({ key: KEY, header: fc.constantFrom("before" as const, "after" as const, "none" as const), table: tie("table") }),
        fc.record({ key: KEY, tables: fc.array(tie("table"), { minLength: 1, maxLength: 3 }) }),
      ),
    ),
  ),
})).table;

/** TOML of all kinds: headers before and after those of the tables inside, arrays of tables, dotted keys, every way to write a key and a value. */
export const TOML: fc.Arbitrary<string> = fc
  .tuple(TABLE, fc.infiniteStream(LINE_END), fc.infiniteStream(BLANK))
  .map(([table, ends, blanks]) => {
    const end = () => next(ends);
    const written = (member: Member, path: readonly string[]): string => {
      if ("pairs" in member) return member.pairs.map((pair) => `${next(blanks)}${pair}${end()}`).join("");
      const own = [...path, member.key.text];
      const name = own.join(`${next(blanks)}.${next(blanks)}`);
      if ("tables" in member)
        return member.tables.map((table) => `[[${next(blanks)}${name}${next(blanks)}]]${end()}${body(table, own)}`).join("");
      const header = `[${next(blanks)}${name}${next(blanks)}]${end()}`;
      if (member.header === "before") return header + body(member.table, own);
      const inner = sections(member.table, own);
      return member.header === "after" ? inner + header + pairs(member.table, own) : inner;
    };
    const pairs = (table: Table, path: readonly string[]) => joined(table.filter((one) => "pairs" in one).map((one) => written(one, path)));
    const sections = (table: Table, path: readonly string[]) =>
      joined(table.filter((one) => !("pairs" in one)).map((one) => written(one, path)));
    const body = (table: Table, path: readonly string[]) => pairs(table, path) + sections(table, path);
    return body(table, []);
  });

function joined(parts: readonly string[]): string {
  return parts.join("");
}

function next(stream: fc.Stream<string>): string {
  return stream.next().value ?? "";
}
