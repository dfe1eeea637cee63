import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";

const cobalt: MantineColorsTuple = [
  "#eef3ff",
  "#dce5fa",
  "#b6c8f1",
  "#8daae9",
  "#6b90e2",
  "#5680de",
  "#3d6bd3",
  "#2b57c7",
  "#244bb0",
  "#1b3d93",
];

/** A dark that is a little blue and has more room between text and ground than the library's own. */
const dark: MantineColorsTuple = [
  "#dfe2e8",
  "#c1c6d0",
  "#a3aaba",
  "#717989",
  "#434957",
  "#333945",
  "#272c36",
  "#171a21",
  "#111318",
  "#0b0d10",
];

const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const MONOSPACE = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

/** Colours whose darkest shade is too light for text on its own tint. */
const TEXT_ON_TINT: Readonly<Record<string, string>> = {
  gray: "light-dark(#495057, #c1c6d0)",
  yellow: "light-dark(#854a00, var(--mantine-color-yellow-2))",
};

/** The light variant as a tint of the ground, with text that reaches the contrast of 4.5 to 1 on it. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  const name = input.color ?? "cobalt";
  if (input.variant !== "light") return colors;
  return {
    ...colors,
    background: `light-dark(color-mix(in srgb, var(--mantine-color-${name}-6) 11%, white), color-mix(in srgb, var(--mantine-color-${name}-6) 18%, var(--mantine-color-dark-7)))`,
    hover: `color-mix(in srgb, var(--mantine-color-${name}-6) 20%, transparent)`,
    color: TEXT_ON_TINT[name] ?? `light-dark(var(--mantine-color-${name}-9), var(--mantine-color-${name}-2))`,
  };
};

/** Mantine's looks, made denser and calmer. The only file that says how things look in general. */
export const theme = createTheme({
  colors: { cobalt, dark },
  primaryColor: "cobalt",
  variantColorResolver,
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: FONT,
  fontFamilyMonospace: MONOSPACE,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontFamily: FONT,
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    Autocomplete: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    Alert: { defaultProps: { p: "sm", variant: "light" } },
    Paper: { defaultProps: { withBorder: true, p: "md" } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm", fz: "sm" } },
    Tooltip: { defaultProps: { openDelay: 250, fz: "xs" } },
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 500 } },
    Code: { defaultProps: { fz: "xs" } },
  },
});

/** Quiet text and lines that still reach the contrast of 4.5 to 1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { "--to11-good": "#12855b", "--to11-bad": "#c92a2a", "--to11-warn": "#b35c00" },
  light: {
    "--mantine-color-dimmed": "#59616e",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-error": "#c92a2a",
    "--to11-ground": "#f7f8fa",
    "--to11-line": "#e3e6ea",
    "--to11-good": "#0f7a53",
    "--to11-bad": "#c92a2a",
    "--to11-warn": "#a35200",
    "--to11-quiet": "#cfd5dd",
  },
  dark: {
    "--mantine-color-anchor": "#8daae9",
    "--mantine-color-dimmed": "#a3aaba",
    "--mantine-color-placeholder": "#949cac",
    "--mantine-color-error": "#ff8787",
    "--to11-ground": "#111318",
    "--to11-line": "#2c313b",
    "--to11-good": "#4cc38a",
    "--to11-bad": "#ff8787",
    "--to11-warn": "#f5a742",
    "--to11-quiet": "#434957",
  },
});
