/**
 * Domains of hosting providers, under which anybody can have a website. These are the ones that static sites and
 * shops use, not the whole Public Suffix List (https://publicsuffix.org), whose 10,000 entries change every week.
 */
const SHARED_DOMAINS = [
  "amplifyapp.com",
  "appspot.com",
  "azurestaticapps.net",
  "azurewebsites.net",
  "bitbucket.io",
  "blogspot.com",
  "cloudfront.net",
  "codeberg.page",
  "deno.dev",
  "firebaseapp.com",
  "fly.dev",
  "framer.app",
  "framer.website",
  "github.dev",
  "github.io",
  "gitlab.io",
  "glitch.me",
  "googleusercontent.com",
  "herokuapp.com",
  "hf.space",
  "lovable.app",
  "myshopify.com",
  "neocities.org",
  "netlify.app",
  "ngrok.app",
  "ngrok-free.app",
  "ngrok.io",
  "notion.site",
  "on.aws",
  "onrender.com",
  "pages.dev",
  "railway.app",
  "readthedocs.io",
  "replit.app",
  "replit.dev",
  "run.app",
  "squarespace.com",
  "stackblitz.io",
  "surge.sh",
  "trycloudflare.com",
  "vercel.app",
  "web.app",
  "webflow.io",
  "weebly.com",
  "wixsite.com",
  "wordpress.com",
  "workers.dev",
  "wpengine.com",
];
/** Countries that sell names under a second level: co.uk, com.au, co.jp, com.br, … */
const SOLD_SECOND_LEVEL = /^(?:ac|co|com|edu|gob|gov|ltd|me|ne|net|nom|or|org)\.[a-z]{2}$/;

/** Whether strangers can register names directly under a domain, so that a wildcard would let them in. */
export function isSharedDomain(domain: string): boolean {
  return SHARED_DOMAINS.includes(domain) || SOLD_SECOND_LEVEL.test(domain);
}
