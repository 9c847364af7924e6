// What the page's script keeps to; `make lint-page` asks eslint.
const browser = [
  "CSS", "MessageChannel", "Option", "ResizeObserver", "URLSearchParams", "document",
  "getComputedStyle", "history", "localStorage", "location", "matchMedia", "requestAnimationFrame",
  "window",
];

export default [
  {
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "module",
      globals: Object.fromEntries(browser.map((name) => [name, "readonly"])),
    },
    rules: {
      "eqeqeq": "error",
      "no-redeclare": "error",
      "no-shadow": "error",
      "no-undef": "error",
      "no-unreachable": "error",
      "no-unused-vars": "error",
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
