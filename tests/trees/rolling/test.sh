grep -q listen server.js
