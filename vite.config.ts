import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { offline } from "./app/offline/plugin.ts";
import { securityPolicy } from "./app/offline/policy.ts";

export default defineConfig({
  // Relative addresses, so that the build works under any sub-path of any static host.
  base: "./",
  plugins: [react(), tailwindcss(), securityPolicy(), offline()],
  worker: { format: "es" },
  build: { target: "es2022", sourcemap: true },
});
