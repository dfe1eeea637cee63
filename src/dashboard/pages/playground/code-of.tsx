import { Code, Group, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { CopyButton } from "../../widgets/copy.tsx";
import { Section } from "../../widgets/page.tsx";
import { type Asked, bodyOf, curlOf, pythonOf, typescriptOf } from "./request.ts";

const LANGUAGES = { curl: curlOf, TypeScript: typescriptOf, Python: pythonOf } as const;
type Language = keyof typeof LANGUAGES;

/** The same call as a program makes it. */
export function CodeOf({ asked, project }: { readonly asked: Asked; readonly project: string | undefined }): React.JSX.Element {
  const [language, setLanguage] = useState<Language>("curl");
  const text = LANGUAGES[language](bodyOf(asked), { origin: location.origin, project });
  return (
    <Section
      title="The same in a program"
      aside={
        <Group gap="xs">
          <SegmentedControl
            aria-label="Language"
            data={Object.keys(LANGUAGES)}
            value={language}
            onChange={(value) => setLanguage(value === "TypeScript" || value === "Python" ? value : "curl")}
          />
          <CopyButton text={text} label="Copy" />
        </Group>
      }
    >
      <Code block tabIndex={0} aria-label={`The call in ${language}`}>
        {text}
      </Code>
    </Section>
  );
}
