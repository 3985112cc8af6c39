import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Everything is a file of its own under /console/: inline scripts, data: URLs and eval have no room in the policy.
export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2022",
    license: { fileName: "licences.md" },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
