import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const EARLY = "src/early.ts";

const LIBRARIES = "shared";
/** Chromium then compiles the functions of a file beside the main thread while it is read, not one by one where they are first called. */
const COMPILE_AT_ONCE = "//# allFunctionsCalledOnLoad";

/** `early.ts` as a file of its own, the first script of the page, which waits for no other one. */
function earlyScript(): Plugin {
  return {
    name: "early-script",
    buildStart() {
      if (this.environment.mode === "build") this.emitFile({ type: "chunk", id: EARLY, name: "early" });
    },
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => {
        const built = Object.values(bundle ?? {}).find((one) => one.name === "early");
        const src = `/console/${built?.fileName ?? EARLY}`;
        return [{ tag: "script", attrs: { type: "module", async: true, src }, injectTo: "head-prepend" }];
      },
    },
  };
}

// Everything is a file of its own under /console/: inline scripts, data: URLs and eval have no room in the policy.
export default defineConfig({
  base: "/console/",
  plugins: [react(), earlyScript()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2022",
    rolldownOptions: {
      output: {
        // What the first screen needs is one file: each further one costs a request and a start of its own.
        advancedChunks: { groups: [{ name: LIBRARIES, test: /node_modules/ }] },
        postBanner: ({ name }) => (name === LIBRARIES ? COMPILE_AT_ONCE : ""),
      },
    },
    license: { fileName: "licences.md" },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
  // A minute: a busy machine is no fault of a test.
  test: { environment: "node", include: ["src/**/*.test.ts"], testTimeout: 60_000 },
});
