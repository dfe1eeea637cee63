import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Problem } from "../api/answers.ts";
import { seen } from "../shown/unseen.ts";
import { TOML_LOOKS } from "./toml-theme.ts";

/** What an editor is given. */
export interface TomlEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Shown at their lines. */
  readonly problems: readonly Problem[];
  /** Where to put the cursor, from 1; a new object goes there again. */
  readonly goTo: { readonly line: number } | undefined;
}

/** An editor for routes.toml. The tab key leaves it, as it leaves every other field. */
export function TomlEditor({ value, onChange, problems, goTo }: TomlEditorProps): React.JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  changed.current = onChange;

  useEffect(() => {
    if (holder.current === null) return undefined;
    const editor = new EditorView({
      parent: holder.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          EditorView.lineWrapping,
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ "aria-label": "routes.toml", tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
          }),
          TOML_LOOKS,
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
    // The editor holds its own text; a text from outside comes by the next effect.
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    editor?.dispatch(
      setDiagnostics(
        editor.state,
        problems.map((problem) => diagnosticOf(editor.state, problem)),
      ),
    );
  }, [problems]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || goTo === undefined) return;
    const { from } = editor.state.doc.line(Math.min(goTo.line, editor.state.doc.lines));
    editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    editor.focus();
  }, [goTo]);

  return <div ref={holder} className="editor" />;
}

/** From the place of a problem to the end of its line; a problem without place stands at the first line. */
function diagnosticOf(state: EditorState, { line, column, severity, message, path }: Problem): Diagnostic {
  const at = state.doc.line(Math.min(line ?? 1, state.doc.lines));
  const from = Math.min(at.from + (column ?? 1) - 1, at.to);
  return { from, to: Math.max(at.to, from), severity, message: seen(path === "" ? message : `${path}: ${message}`) };
}
