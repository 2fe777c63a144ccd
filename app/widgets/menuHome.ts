/** Where menus are drawn: inside the header, so that they belong to a landmark as their buttons do. */
import { createRef } from "react";

export const menuHome = createRef<HTMLDivElement>();
