/** The dashboard: one page that shows what a hub knows of an account, and how well it knows it. */
import { render } from "preact";
import { HubSession } from "./state/hub-session.ts";
import { Page } from "./views/page.tsx";

const hub = new HubSession();
hub.start();
render(<Page hub={hub} />, document.body);
