/** The frame of all addresses: the root with its notices, and the shell around every screen of a signed-in person. */
import { createRootRoute, createRoute, Outlet } from "@tanstack/react-router";
import { NoticeRegions } from "../parts/notices";
import { NotFound } from "../screens/NotFound";
import { Shell } from "../screens/Shell";

/** The text of a search parameter; none for another type or an empty one. */
export const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** The text of a search parameter if it is one of these. */
export const oneOf =
  <T extends string>(...allowed: T[]) =>
  (value: unknown): T | undefined =>
    allowed.find((one) => one === value);

export const root = createRootRoute({
  component: () => (
    <>
      <NoticeRegions />
      <Outlet />
    </>
  ),
  notFoundComponent: NotFound,
});

export const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
