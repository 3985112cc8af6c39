/** Sources as the screens read them. */
export const SOURCES = ["ops", "sources"];
