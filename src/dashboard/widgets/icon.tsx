/** Line drawings of 24 by 24, in the colour of the text around them. */
const DRAWINGS = {
  overview: "M4 19V9M10 19V5M16 19v-7M21 19H3",
  traces: "M4 6h9M8 12h12M6 18h7",
  routing: "M4 12h5M9 12c5 0 4-6 9-6h3M9 12c5 0 4 6 9 6h3M18 3l3 3-3 3M18 15l3 3-3 3",
  experiments: "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M8 15h8",
  providers: "M5 4h14v6H5zM5 14h14v6H5zM8 7h.01M8 17h.01",
  credentials: "M14 10a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM13 12l8 8M18 17l-2 2",
  versions: "M12 7v5l3 3M4 12a8 8 0 1 0 2.5-5.8L4 8M4 4v4h4",
  playground: "M5 4l14 8-14 8z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6L6 18",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  grip: "M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.5 15.5L21 21",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof DRAWINGS;

/** An icon. It says nothing to screen readers: what it stands by does. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): React.JSX.Element {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: "none" }}
    >
      <path d={DRAWINGS[name]} />
    </svg>
  );
}
