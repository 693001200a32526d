/** What the page's code must keep: no loose types, hooks used as hooks are, and imports that only point down. */
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Top first: a layer may import what stands below it, never what stands above. */
const LAYERS = ["app", "pages", "features", "graphql", "ui", "lib"];
/** `ui` draws and `graphql` fetches: they stand side by side, and neither knows the other. */
const BESIDE = { graphql: ["ui"], ui: [] };

function arrows(layer, index) {
  const forbidden = [...LAYERS.slice(0, index), ...(BESIDE[layer] ?? [])];
  return {
    files: [`src/${layer}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            ...forbidden.map((above) => ({
              regex: `^@/${above}(/|$)`,
              message: `${layer} must not know ${above}.`,
            })),
            { regex: "^\\.\\./\\.\\./", message: "Write @/ for another folder." },
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/graphql/env.d.ts", "scripts", "public", "eslint.config.js"] },
  ...tseslint.configs.strictTypeChecked,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      complexity: ["error", 12],
      "max-lines": ["error", 400],
    },
  },
  ...LAYERS.map(arrows),
);
