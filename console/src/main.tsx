import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./tokens.css";
import "./console.css";
import { api } from "./api/client";
import { firstScreen } from "./firstScreen";
import { client } from "./queryClient";
import { router } from "./router";
import { stepUp } from "./stepUp";

api.use(stepUp);

// A page older than the server asks for files that are gone: load it again, once.
const RELOADED = "lead-engine reloaded";
addEventListener("vite:preloadError", (event) => {
  if (sessionStorage.getItem(RELOADED)) return;
  sessionStorage.setItem(RELOADED, "yes");
  event.preventDefault();
  location.reload();
});
addEventListener("load", () => setTimeout(() => sessionStorage.removeItem(RELOADED), 10_000));

const element = document.getElementById("console");
if (element) {
  const root = createRoot(element);
  // Not awaited: scripts of other screens import this one, and would wait for its end.
  void firstScreen(() => router.load()).then(() =>
    root.render(
      <StrictMode>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}
