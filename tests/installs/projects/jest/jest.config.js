// ES modules as they are: started with NODE_OPTIONS=--experimental-vm-modules.
export default { transform: {} };
