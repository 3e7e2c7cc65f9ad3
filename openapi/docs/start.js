SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null, // asks nobody else about the document
  withCredentials: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
