import type { Rule, Rules } from "../../routes-toml/rules.ts";

/** What a form is given: the rule as it is now, and what else the file knows. */
export interface RuleFormProps {
  readonly rule: Rule;
  readonly known: Rules;
  readonly onChange: (rule: Rule) => void;
}
