"""Who asks: REST, MCP and the console, over one policy of who may see what. `app.create_app` composes it; `context` chooses what to say."""
