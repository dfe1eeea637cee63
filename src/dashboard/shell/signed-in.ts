const NAME = "to11-signed-in";

/** Notes that there is a session to sign out of. The cookie itself cannot be seen from here. */
export function rememberSignIn(isSignedIn: boolean): void {
  if (isSignedIn) localStorage.setItem(NAME, "yes");
  else localStorage.removeItem(NAME);
}

/** Whether somebody signed in with this browser: under `to11 dev` without an admin key nobody does. */
export function wasSignedIn(): boolean {
  return localStorage.getItem(NAME) !== null;
}
