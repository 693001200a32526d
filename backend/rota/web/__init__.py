"""The web edge: GraphQL over HTTP, WebSocket and server-sent events, the page, health and metrics."""
