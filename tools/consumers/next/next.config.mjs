/** Pages as static files, which any server gives out. */
export default { output: 'export' };
