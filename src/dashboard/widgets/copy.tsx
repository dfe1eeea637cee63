import { Button, CopyButton as Copying } from "@mantine/core";
import { Icon } from "./icon.tsx";

/** Copies a text, and says that it did. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): React.JSX.Element {
  return (
    <Copying value={text}>
      {({ copied, copy }) => (
        <Button variant="default" leftSection={<Icon name={copied ? "check" : "copy"} size={14} />} onClick={copy} aria-live="polite">
          {copied ? "Copied" : label}
        </Button>
      )}
    </Copying>
  );
}
