/** The product's mark: one way in, two ways out. */
export function Mark({ size = 26 }: { readonly size?: number }): React.JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" style={{ flex: "none" }}>
      <rect width="32" height="32" rx="7" fill="#2b5fd9" />
      <path
        d="M6 16h7M13 16c5 0 4-7 9-7h4M13 16c5 0 4 7 9 7h4"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="13" cy="16" r="2.6" fill="#fff" />
    </svg>
  );
}
