import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import type { Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const LOOKS = EditorView.theme({
  "&": { fontSize: "var(--mantine-font-size-sm)", backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)" },
  "&.cm-focused": { outline: "2px solid var(--mantine-primary-color-filled)" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "var(--to11-ground)", color: "var(--mantine-color-dimmed)", borderRight: "1px solid var(--to11-line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--mantine-color-default-hover)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--mantine-primary-color-light-hover)" },
  ".cm-tooltip": {
    backgroundColor: "var(--mantine-color-body)",
    border: "1px solid var(--to11-line)",
    color: "var(--mantine-color-text)",
    maxWidth: "70ch",
  },
  ".cm-collapsedLines": { background: "var(--to11-ground)", color: "var(--mantine-color-dimmed)" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--to11-good) 13%, transparent) !important" },
  ".cm-deletedChunk": { backgroundColor: "color-mix(in srgb, var(--to11-bad) 12%, transparent) !important" },
  ".cm-changedText, .cm-deletedText, .cm-insertedLine, del": { background: "none !important", textDecoration: "none" },
  // The library's own sign is in few fonts.
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: '"…" !important' },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--to11-string)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--to11-number)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--to11-key)" },
]);

/** What turns the direction of writing, besides the characters that the editor shows as signs by itself. */
const TURNING = /[\u202a-\u202c\u2066-\u2069]/g;

/** TOML in an editor: its words highlighted, what is not seen shown by signs, its colours those of the page. */
export const TOML_LOOKS: Extension = [
  StreamLanguage.define(toml),
  syntaxHighlighting(COLOURS),
  highlightSpecialChars({ addSpecialChars: TURNING }),
  LOOKS,
];
