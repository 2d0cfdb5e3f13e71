import { createPanelSource } from "./panel-source.ts";
import { start } from "./start.ts";

start(createPanelSource);
