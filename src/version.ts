/** The release of Trident whose command line, REST API and records this program is compatible with. */
export const compatibleVersion = '26.06.0';

/** Our own version; a test holds it equal to package.json's. */
export const productVersion = '0.1.0';

/** How we present ourselves beside the compatible version. */
export const implementation = `tridentctl ${productVersion}`;
