/* The link stands behind the # sign, which a browser sends to nobody. It is used up by a click, not by the visit: a
   preview of the page must not spend it. */
const link = location.hash.slice(1);
const button = document.getElementById('use');
const outcome = document.getElementById('outcome');
const shown = document.getElementById('token');

history.replaceState(null, '', '/enrol'); // out of the address bar and the history
if (link === '') {
  button.disabled = true;
  outcome.textContent = 'There is no link in this address. Open the whole line that the gateway printed.';
}

button.addEventListener('click', async () => {
  button.disabled = true;
  outcome.textContent = 'One moment.';
  try {
    const answer = await fetch('/enrolments', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ link }),
    });
    const body = await answer.json();
    if (answer.ok) {
      shown.textContent = body.token;
      shown.hidden = false;
      outcome.textContent = 'Copy this token now and keep it as you keep a password. It is not shown again.';
    } else outcome.textContent = `${body.detail ?? body.title} ${body.remedy ?? ''}`;
  } catch {
    outcome.textContent = 'The gateway did not answer. The link may still be good: try again.';
    button.disabled = false;
  }
});
