import { Alert, Anchor, List, Text } from "@mantine/core";
import type { Problem } from "../../api/answers.ts";

/** What the compiler says, each with its line. `onGo`: what a click on a line does. */
export function ProblemList(props: { readonly problems: readonly Problem[]; readonly onGo?: (line: number) => void }): React.ReactNode {
  const { problems, onGo } = props;
  if (problems.length === 0) return null;
  const errors = problems.filter(({ severity }) => severity === "error").length;
  return (
    <Alert color={errors > 0 ? "red" : "yellow"} title={titleOf(errors, problems.length - errors)}>
      <List size="sm" spacing={2} role="list">
        {problems.map((problem) => (
          <List.Item key={`${problem.line} ${problem.path} ${problem.message}`}>
            <Place problem={problem} onGo={onGo} />
            {problem.path !== "" && (
              <Text span inherit fw={600}>
                {problem.path}:{" "}
              </Text>
            )}
            {problem.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Place({ problem, onGo }: { readonly problem: Problem; readonly onGo: ((line: number) => void) | undefined }): React.ReactNode {
  const { line } = problem;
  if (line === null) return null;
  if (onGo === undefined) return `line ${line}: `;
  return (
    <>
      <Anchor component="button" type="button" inherit onClick={() => onGo(line)}>
        line {line}
      </Anchor>
      {": "}
    </>
  );
}

function titleOf(errors: number, warnings: number): string {
  if (errors > 0) return errors === 1 ? "One problem: this would not be served" : `${errors} problems: this would not be served`;
  return warnings === 1 ? "One warning" : `${warnings} warnings`;
}
