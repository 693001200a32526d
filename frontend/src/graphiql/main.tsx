/** Where GraphiQL starts: a document of its own, which the page does not load. */
import "@fontsource-variable/inter/wght.css";
import "@fontsource/jetbrains-mono/latin-400.css";
import "@/ui/tokens.css";
import "graphiql/style.css";
import "./graphiql.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Explorer } from "./Explorer";

const root = document.getElementById("root");
if (root === null) throw new Error("graphiql.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Explorer />
  </StrictMode>,
);
