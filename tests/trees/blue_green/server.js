require("express")().get(["/", "/health"], (_, answer) => answer.send("blue")).listen(3000);
