import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { TOML_LOOKS } from "./toml-theme.ts";

/** Lines around a change that are shown with it. */
const CONTEXT = 3;

/** What changes from one file to another: lines taken away and added, with a little of what is around them. */
export function TomlDiff(props: { readonly label: string; readonly before: string; readonly after: string }): React.JSX.Element {
  const { label, before, after } = props;
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (holder.current === null) return undefined;
    const view = new EditorView({
      parent: holder.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          lineNumbers(),
          EditorState.readOnly.of(true),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          unifiedMergeView({
            original: before,
            mergeControls: false,
            highlightChanges: false,
            collapseUnchanged: { margin: CONTEXT, minSize: CONTEXT + 1 },
          }),
          TOML_LOOKS,
        ],
      }),
    });
    return () => view.destroy();
  }, [label, before, after]);
  if (before === after) {
    return (
      <Text size="sm" c="dimmed">
        The two files are the same, letter by letter. Versions that differ none the less were made of them with other prices, or by another
        release.
      </Text>
    );
  }
  return <div ref={holder} className="editor diff" />;
}
