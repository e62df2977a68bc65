/* Shows this gateway's own description; no validator badge, so the browser asks nobody else. */
SwaggerUIBundle({
  url: '/openapi.json',
  domNode: document.getElementById('api'),
  deepLinking: true,
  validatorUrl: null,
  telemetry: false,
  tryItOutEnabled: false,
});
