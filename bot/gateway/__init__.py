"""The Discord client: logged in, seated, connected, stopped."""
